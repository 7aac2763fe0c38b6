// The frame of the pages that are shown before somebody has signed in.

import { Card, Flex, Segmented, Typography } from "antd";
import type { ReactNode } from "react";
import { type Language, usePreferences } from "../../app/preferences";

const LANGUAGES: { value: Language; label: string }[] = [
  { value: "zh", label: "中文" },
  { value: "en", label: "English" },
];

export function Frame({ title, children }: { title: string; children: ReactNode }) {
  const { language, choose } = usePreferences();
  return (
    <Flex component="main" vertical align="center" justify="center" gap={20} style={{ minHeight: "100dvh", padding: 16, boxSizing: "border-box", background: "var(--ant-color-bg-layout)" }}>
      <Flex align="center" gap={12}>
        <img src={new URL("../../app/mark.svg", import.meta.url).href} alt="" width={40} height={40} />
        <Typography.Text style={{ fontSize: 22 }} strong>
          安付 <span lang="en">Anfu</span>
        </Typography.Text>
      </Flex>
      <Card style={{ width: "100%", maxWidth: 400 }}>
        <Typography.Title level={1} style={{ fontSize: 20, marginTop: 0 }}>
          {title}
        </Typography.Title>
        {children}
      </Card>
      <Segmented options={LANGUAGES} value={language} onChange={(chosen) => choose({ language: chosen })} />
    </Flex>
  );
}
