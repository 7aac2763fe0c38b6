// An id: short on the screen, whole when copied; a link where the object has a page.

import { Typography } from "antd";
import { Link } from "react-router";

const SHORT = 14;
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
  if (!id) return <span>—</span>;
  const text = whole || id.length <= SHORT ? id : `${id.slice(0, 6)}…${id.slice(-7)}`;
  const place = placeOf(id);
  return (
    <Typography.Text className="mono" copyable={{ text: id, tooltips: false }} title={id}>
      {place === null ? text : <Link to={place}>{text}</Link>}
    </Typography.Text>
  );
}
