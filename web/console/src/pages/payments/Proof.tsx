// "Verify this proof": what the evidence holds about an object, checked in this browser.

import { CheckCircleFilled, CloseCircleFilled, DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Collapse, Drawer, Flex, Skeleton, Typography, theme } from "antd";
import { client, got } from "../../app/client";
import { useWords } from "../../app/words";
import { saveFile } from "../../parts/csv";
import { Moment } from "../../parts/Moment";
import { type Bundle, verify, type Verdict } from "./proof";

const words = {
  title: { en: "Verify this proof", zh: "验证存证" },
  about: {
    en: "Computed in this browser from the record, its path and the signed checkpoint; nothing is taken on trust but the key below. Compare it with the one you were given another way.",
    zh: "由本浏览器依据记录、证明路径及签名检查点独立计算；唯一需要信任的是下方公钥，请与另行获得的公钥核对。",
  },
  key: { en: "Key of the evidence log", zh: "存证日志公钥" },
  good: { en: "In the log, unchanged", zh: "已存证，未被改动" },
  bad: { en: "Not proven", zh: "验证未通过" },
  record: { en: "Record", zh: "记录" },
  of: { en: (index: number, size: number) => `number ${index} of ${size}`, zh: (index: number, size: number) => `序号 ${index}，日志共 ${size} 条` },
  save: { en: "Save the proof", zh: "保存证明" },
  offline: { en: "Checked again offline with", zh: "可离线复核：" },
  unable: {
    en: "This browser does not know Ed25519. Save the proof and check it with anfu evidence verify.",
    zh: "本浏览器不支持 Ed25519。请保存证明后使用 anfu evidence verify 验证。",
  },
  none: {
    en: "Nothing of it is under a checkpoint yet. One is signed every few seconds: try again.",
    zh: "尚未纳入检查点。检查点每隔数秒签发一次，请稍后重试。",
  },
  checks: {
    en: () => [
      "",
      "The document is not an evidence bundle of version 1.",
      "The proof was made with another key than the one you trust.",
      "The checkpoint is not a well-formed signed note.",
      "The checkpoint is not signed by the key you trust, or was changed after signing.",
      "The record's number is outside the log that the checkpoint covers.",
      "The record is not in the log: it, its number or its proof was changed.",
      "The record is in the log, but is not a well-formed leaf.",
      "The record is in the log, but is about another object.",
    ],
    zh: () => [
      "",
      "文件不是第 1 版存证证明。",
      "证明所用的公钥不是您信任的公钥。",
      "检查点不是格式正确的签名文本。",
      "检查点不是由您信任的密钥签名，或在签名后被改动。",
      "记录的序号超出检查点所覆盖的日志范围。",
      "记录不在日志中：记录、序号或证明路径被改动。",
      "记录在日志中，但不是格式正确的存证记录。",
      "记录在日志中，但不属于此对象。",
    ],
  },
};

const OTHER = 8;

interface Checked {
  bundle: Bundle;
  verdict: Verdict;
}

async function checkAll(subject: string): Promise<{ key: string; checked: Checked[] }> {
  const [held, { data }] = await Promise.all([
    got(client.GET("/v1/evidence/key")),
    got(client.GET("/v1/evidence/proofs/{subject}", { params: { path: { subject } } })),
  ]);
  // The bundle's own form is what `verify` checks first.
  const bundles = data as unknown as Bundle[];
  const trusted = [held.key, ...held.former];
  const checked = bundles.map(async (bundle) => {
    const verdict = await verify(bundle, trusted);
    const other = verdict.failed === 0 && verdict.leaf?.subject !== subject;
    return { bundle, verdict: other ? { failed: OTHER } : verdict };
  });
  return { key: held.key, checked: await Promise.all(checked) };
}

export function Proof({ subject, onClose }: { subject: string; onClose: () => void }) {
  const t = useWords(words);
  const { data, error } = useQuery({
    queryKey: ["proof", subject],
    queryFn: () => checkAll(subject),
    staleTime: 0,
    retry: false,
  });
  const unable = error instanceof DOMException;
  return (
    <Drawer open onClose={onClose} title={t.title} size={640}>
      <Typography.Paragraph type="secondary">{t.about}</Typography.Paragraph>
      {error !== null && <Alert type="warning" showIcon title={unable ? t.unable : t.none} />}
      {data === undefined && error === null && <Skeleton active />}
      {data !== undefined && (
        <>
          <Typography.Text strong>{t.key}</Typography.Text>
          <Typography.Paragraph className="mono" copyable style={{ overflowWrap: "anywhere" }}>
            {data.key}
          </Typography.Paragraph>
          <Flex vertical gap={12}>
            {data.checked.map((one) => (
              <Result key={one.bundle.index} {...one} />
            ))}
          </Flex>
        </>
      )}
    </Drawer>
  );
}

function Result({ bundle, verdict: { failed, leaf, size } }: Checked) {
  const t = useWords(words);
  const { token } = theme.useToken();
  const good = failed === 0;
  const save = () => saveFile(`proof-${bundle.index}.json`, JSON.stringify(bundle), "application/json");
  return (
    <section data-proof={good ? "good" : failed} style={{ border: `1px solid ${token.colorBorder}`, borderRadius: 8, padding: 12 }}>
      <Flex gap={8} align="center" wrap>
        {good ? <CheckCircleFilled style={{ color: token.colorSuccess }} /> : <CloseCircleFilled style={{ color: token.colorError }} />}
        <strong>{good ? t.good : t.bad}</strong>
        {leaf !== undefined && (
          <Typography.Text type="secondary">
            {leaf.kind} · <Moment at={leaf.at} /> · {t.of(bundle.index, size ?? 0)}
          </Typography.Text>
        )}
      </Flex>
      {!good && <div style={{ marginBlock: 6 }}>{t.checks()[failed]}</div>}
      <Collapse ghost size="small" items={[{ key: "leaf", label: t.record, children: <pre className="mono leaf">{pretty(bundle.leaf)}</pre> }]} />
      <Flex gap={8} align="center" wrap>
        <Button size="small" icon={<DownloadOutlined />} onClick={save}>
          {t.save}
        </Button>
        <Typography.Text type="secondary">
          {t.offline} <code>anfu evidence verify --bundle proof-{bundle.index}.json</code>
        </Typography.Text>
      </Flex>
    </section>
  );
}

function pretty(leaf: string): string {
  try {
    return JSON.stringify(JSON.parse(leaf), null, 2);
  } catch {
    return leaf;
  }
}
