// The head of a page: its title, what it is about, what can be done.

import { Flex, Typography } from "antd";
import { type ReactNode, useEffect } from "react";

interface Head {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, about, actions }: Head) {
  useEffect(() => {
    document.title = `${title} · 安付 Anfu`;
  }, [title]);
  return (
    <Flex wrap gap={12} justify="space-between" align="start" style={{ marginBottom: 16 }}>
      <div style={{ minWidth: 0 }}>
        <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>
          {title}
        </Typography.Title>
        {about !== undefined && <Typography.Text type="secondary">{about}</Typography.Text>}
      </div>
      {actions !== undefined && (
        <Flex wrap gap={8}>
          {actions}
        </Flex>
      )}
    </Flex>
  );
}
