// A chart; what draws it is fetched after the page has been shown.

import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import type { Drawn } from "./Drawing";

const Drawing = lazy(() => import("./Drawing"));

export function Chart(drawn: Drawn) {
  const height = drawn.height ?? 260;
  return (
    <Suspense fallback={<Skeleton.Node active style={{ width: "100%", height }} />}>
      <Drawing {...drawn} />
    </Suspense>
  );
}
