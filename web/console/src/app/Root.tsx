// Everything that stands around the pages.

import { QueryClientProvider } from "@tanstack/react-query";
import { App, ConfigProvider, Spin } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { lazy, Suspense, useMemo } from "react";
import { createBrowserRouter, matchPath, Outlet, RouterProvider } from "react-router";
import { ErrorPage } from "../parts/ErrorPage";
import { AREAS } from "./areas";
import { queries } from "./client";
import { PreferencesProvider, usePreferences } from "./preferences";
import { SessionGate } from "./session";
import { themeOf } from "./theme";

// What the address asks for is on its way while it is asked who is here.
const pages = AREAS.flatMap((area) => area.pages);
const shell = import("./Shell");
void pages.find(({ path }) => matchPath(`/console/${path}`, location.pathname) !== null)?.load();

const Shell = lazy(() => shell);
const Enlist = lazy(() => import("../pages/signIn/Enlist"));
const SignOn = lazy(() => import("../pages/signIn/SignOn"));
const nonce =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? undefined;

export function Root() {
  return (
    <PreferencesProvider>
      <QueryClientProvider client={queries}>
        <Dressed />
      </QueryClientProvider>
    </PreferencesProvider>
  );
}

function Dressed() {
  const { language, dark } = usePreferences();
  const theme = useMemo(() => themeOf(dark), [dark]);
  dayjs.locale(language === "zh" ? "zh-cn" : "en");
  return (
    <ConfigProvider
      csp={{ nonce }}
      theme={theme}
      locale={language === "zh" ? zh : en}
      button={{ autoInsertSpace: false }}
    >
      <App>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}

function Signed() {
  return (
    <SessionGate>
      <Suspense fallback={<Spin fullscreen />}>
        <Shell />
      </Suspense>
    </SessionGate>
  );
}

function Open() {
  return (
    <Suspense fallback={<Spin fullscreen />}>
      <Outlet />
    </Suspense>
  );
}

const router = createBrowserRouter(
  [
    {
      element: <Open />,
      errorElement: <ErrorPage />,
      children: [
        { path: "enlist", element: <Enlist /> },
        { path: "sign-on", element: <SignOn /> },
      ],
    },
    {
      element: <Signed />,
      errorElement: <ErrorPage />,
      children: [
        ...pages.map((page) => ({
          path: page.path,
          errorElement: <ErrorPage />,
          Component: lazy(page.load),
        })),
        { path: "*", element: <ErrorPage missing /> },
      ],
    },
  ],
  { basename: "/console" },
);
