// The frame of every page: navigation, search, who is signed in.

import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Flex, Grid, Layout, Menu, Skeleton, theme } from "antd";
import { Suspense, useState } from "react";
import { Link, Outlet, useLocation, useNavigation } from "react-router";
import { AREAS } from "./areas";
import { Help } from "./Help";
import { useLive } from "./live";
import { usePreferences } from "./preferences";
import { ReasonGate } from "./reason";
import { Search } from "./Search";
import { useMay } from "./session";
import "./shell.css";
import { Person } from "./Person";
import { WaitingBell } from "./WaitingBell";
import { useWords } from "./words";

const words = {
  skip: { en: "Skip to the page", zh: "跳到正文" },
  menu: { en: "Menu", zh: "菜单" },
  navigation: { en: "Navigation", zh: "导航" },
};

export default function Shell() {
  const t = useWords(words);
  const { token } = theme.useToken();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  const navigation = useNavigation();
  const { pathname } = useLocation();
  useLive();
  return (
    <Layout className="shell">
      <a className="skip" href="#page">
        {t.skip}
      </a>
      {wide && (
        <Layout.Sider width={224} className="shell-side" style={{ borderColor: token.colorBorderSecondary }}>
          <Mark />
          <nav aria-label={t.navigation}>
            <Navigation />
          </nav>
        </Layout.Sider>
      )}
      <Layout>
        <Layout.Header className="shell-head" style={{ borderColor: token.colorBorderSecondary }}>
          <Flex align="center" gap={12} justify="space-between">
            {!wide && (
              <Button type="text" icon={<MenuOutlined />} aria-label={t.menu} onClick={() => setOpen(true)} />
            )}
            <Search />
            <Flex align="center" gap={4}>
              <WaitingBell />
              <Help />
              <Person />
            </Flex>
          </Flex>
        </Layout.Header>
        <main id="page" tabIndex={-1} className="shell-page" aria-busy={navigation.state === "loading"}>
          <ReasonGate key={pathname}>
            <Suspense fallback={<Skeleton active />}>
              <Outlet />
            </Suspense>
          </ReasonGate>
        </main>
      </Layout>
      <Drawer placement="left" size={264} open={open} onClose={() => setOpen(false)} title={<Mark />}>
        <Navigation onGo={() => setOpen(false)} />
      </Drawer>
    </Layout>
  );
}

function Mark() {
  return (
    <Link to="/" className="shell-mark">
      <img src={new URL("./mark.svg", import.meta.url).href} alt="" width={28} height={28} />
      <span>
        安付 <span lang="en">Anfu</span>
      </span>
    </Link>
  );
}

function Navigation({ onGo }: { onGo?: () => void }) {
  const { language } = usePreferences();
  const may = useMay();
  const { pathname } = useLocation();
  const shown = AREAS.map((area) => ({
    area,
    pages: area.pages.filter((page) => page.listed && (page.scope === undefined || may(page.scope))),
  })).filter(({ pages }) => pages.length > 0);
  const here = shown
    .flatMap(({ pages }) => pages)
    .filter(({ path }) => pathname === `/${path}` || (path !== "" && pathname.startsWith(`/${path}/`)))
    .sort((a, b) => b.path.length - a.path.length)[0];
  const link = (path: string, label: { en: string; zh: string }) => (
    <Link to={`/${path}`} onClick={onGo}>
      {label[language]}
    </Link>
  );
  const items = shown.map(({ area, pages: [first, ...rest] }) =>
    rest.length === 0
      ? { key: first.path, icon: area.icon, label: link(first.path, area.label) }
      : {
          key: `area:${area.key}`,
          icon: area.icon,
          label: area.label[language],
          children: [first, ...rest].map(({ path, label }) => ({ key: path, label: link(path, label) })),
        },
  );
  return (
    <Menu
      mode="inline"
      items={items}
      selectedKeys={here === undefined ? [] : [here.path]}
      defaultOpenKeys={shown.filter(({ pages }) => here && pages.includes(here)).map(({ area }) => `area:${area.key}`)}
    />
  );
}
