// A page that is not there, or that broke.

import { Button, Flex, Typography } from "antd";
import { Link, useRouteError } from "react-router";
import { useWords } from "../app/words";

const words = {
  missing: { en: "There is no such page", zh: "页面不存在" },
  broken: { en: "This page could not be shown", zh: "页面无法显示" },
  remedy: { en: "Reload it. If that does not help, tell the person who runs Anfu.", zh: "请刷新页面；如仍无法显示，请告知系统管理员。" },
  home: { en: "To the overview", zh: "返回总览" },
  reload: { en: "Reload", zh: "刷新" },
};

export function ErrorPage({ missing = false }: { missing?: boolean }) {
  const t = useWords(words);
  const error = useRouteError();
  if (!missing) console.error(error);
  return (
    <Flex vertical align="center" gap={16} style={{ padding: "15vh 24px 0", textAlign: "center" }}>
      <Typography.Title style={{ fontSize: 22, margin: 0 }}>{missing ? t.missing : t.broken}</Typography.Title>
      {!missing && <Typography.Text type="secondary">{t.remedy}</Typography.Text>}
      <Flex gap={16} align="center">
        {!missing && (
          <Button type="primary" onClick={() => location.reload()}>
            {t.reload}
          </Button>
        )}
        <Link to="/">{t.home}</Link>
      </Flex>
    </Flex>
  );
}
