// An id: short on the screen, whole when copied; a link where the object has a page, and the login
// where it is an account of the staff.

import { Typography } from "antd";
import { Link } from "react-router";
import { useColleagues } from "../app/colleagues";
import { usePreferences } from "../app/preferences";

const SHORT = 14;
const STAFF = "stf_";
// Who acts without an account.
const NOBODY: Record<string, { en: string; zh: string }> = {
  auto: { en: "by itself", zh: "自动" },
  "command-line": { en: "command line", zh: "命令行" },
};
// The page of an object by the prefix of its id.
const PAGES: Record<string, string> = {
  pay: "payments",
  cas: "cases",
  cus: "customers",
  mer: "merchants",
  dev: "devices",
  rfd: "refunds",
  dec: "decisions",
  frm: "firms",
};

/** Where an object is shown, or null. */
export function placeOf(id: string): string | null {
  const page = PAGES[id.split("_", 1)[0]];
  return page === undefined ? null : `/${page}/${id}`;
}

export function Id({ id, whole = false }: { id: string | null | undefined; whole?: boolean }) {
  const { language } = usePreferences();
  if (!id) return <span>—</span>;
  const nobody = NOBODY[id]?.[language];
  if (nobody !== undefined) return <span title={id}>{nobody}</span>;
  if (id.startsWith(STAFF) && !whole) return <Account id={id} />;
  const text = whole ? id : shortOf(id);
  const place = placeOf(id);
  return (
    <Typography.Text className="mono" copyable={{ text: id, tooltips: false }} title={id}>
      {place === null ? text : <Link to={place}>{text}</Link>}
    </Typography.Text>
  );
}

function Account({ id }: { id: string }) {
  const known = useColleagues()?.get(id);
  return <span title={known === undefined ? id : `${known.name} · ${id}`}>{known?.login ?? shortOf(id)}</span>;
}

function shortOf(id: string): string {
  return id.length <= SHORT ? id : `${id.slice(0, 6)}…${id.slice(-7)}`;
}
