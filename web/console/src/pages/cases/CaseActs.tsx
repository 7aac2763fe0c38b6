// What can be done with a case, by button and by key.

import { App, Button, Dropdown } from "antd";
import { MoreOutlined } from "@ant-design/icons";
import { useState } from "react";
import { api } from "../../app/client";
import { useKey } from "../../app/keys";
import { useMay, useSession } from "../../app/session";
import { useWords } from "../../app/words";
import { useAct } from "../../parts/act";
import { type Move, MoveAsk } from "./MoveAsk";
import type { Whole } from "./names";
import { useNext } from "./next";
import { type Said, VerdictAsk } from "./VerdictAsk";

const words = {
  claim: { en: "Claim", zh: "认领" },
  claimed: { en: "It is yours", zh: "已认领" },
  RELEASE: { en: "Release", zh: "放行" },
  REJECT: { en: "Reject", zh: "拒绝" },
  confirm: { en: "Confirm", zh: "复核通过" },
  confirmAsk: { en: "You agree, as the second person, and it is done.", zh: "您作为第二人同意该处置，确认后立即执行。" },
  decline: { en: "Decline", zh: "复核不通过" },
  withdraw: { en: "Take my verdict back", zh: "撤回我的意见" },
  next: { en: "Next", zh: "下一件" },
  more: { en: "What else can be done", zh: "更多操作" },
  back: { en: "Give back", zh: "退回队列" },
  assign: { en: "Assign", zh: "分派" },
  reopen: { en: "Open again", zh: "重新打开" },
};

export function CaseActs({ about, chosen }: { about: Whole; chosen: string[] }) {
  const t = useWords(words);
  const me = useSession().staff.id;
  const write = useMay()("cases:write");
  const next = useNext();
  const { modal } = App.useApp();
  const [said, setSaid] = useState<Said | null>(null);
  const [move, setMove] = useState<Move | null>(null);
  const given = { params: { path: { case: about.id } } };
  const claim = useAct(api.useMutation("post", "/v1/cases/{case}/claim"), t.claimed);
  const confirm = useAct(api.useMutation("post", "/v1/cases/{case}/confirm"), t.confirm);
  const decline = useAct(api.useMutation("post", "/v1/cases/{case}/decline"));
  const voice = (about.voices ?? []).find(({ state }) => state === "SAID");
  const mine = about.state === "CLAIMED" && about.holder === me;
  const may = {
    claim: write && about.state === "OPEN",
    say: write && mine,
    second: write && voice !== undefined && voice.by !== me,
    withdraw: write && voice?.by === me,
  };
  const agree = () => void modal.confirm({ title: t.confirm, content: t.confirmAsk, onOk: () => confirm.run(given) });
  const free = said === null && move === null;
  useKey("c", () => claim.run(given), t.claim, may.claim && free);
  useKey("r", () => setSaid("RELEASE"), t.RELEASE, may.say && free);
  useKey("x", () => setSaid("REJECT"), t.REJECT, may.say && free);
  useKey("y", agree, t.confirm, may.second && free);
  useKey("d", () => decline.run(given), t.decline, may.second && free);
  useKey("n", () => void next(about.id), t.next, free);
  const items = [
    ...(mine ? [{ key: "back", label: t.back }] : []),
    ...(about.state === "CLOSED" ? [{ key: "reopen", label: t.reopen }] : [{ key: "assign", label: t.assign }]),
  ];
  return (
    <>
      {may.claim && (
        <Button type="primary" loading={claim.busy} onClick={() => claim.run(given)}>
          {t.claim} (c)
        </Button>
      )}
      {may.say &&
        (["RELEASE", "REJECT"] as const).map((verdict) => (
          <Button key={verdict} type={verdict === "RELEASE" ? "primary" : "default"} danger={verdict === "REJECT"} onClick={() => setSaid(verdict)}>
            {t[verdict]} ({verdict === "RELEASE" ? "r" : "x"})
          </Button>
        ))}
      {may.second && (
        <>
          <Button type="primary" loading={confirm.busy} onClick={agree}>
            {t.confirm} (y)
          </Button>
          <Button danger loading={decline.busy} onClick={() => decline.run(given)}>
            {t.decline} (d)
          </Button>
        </>
      )}
      {may.withdraw && (
        <Button loading={decline.busy} onClick={() => decline.run(given)}>
          {t.withdraw}
        </Button>
      )}
      <Button onClick={() => void next(about.id)}>{t.next} (n)</Button>
      {write && (
        <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => setMove(key as Move) }}>
          <Button icon={<MoreOutlined />} aria-label={t.more} />
        </Dropdown>
      )}
      <VerdictAsk about={about} chosen={chosen} said={said} onClose={() => setSaid(null)} />
      <MoveAsk about={about} move={move} onClose={() => setMove(null)} />
    </>
  );
}
