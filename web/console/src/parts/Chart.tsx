// A chart; what draws it is fetched after the page has been shown.

import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import type { Drawn } from "./Drawing";

const Drawing = lazy(() => import("./Drawing"));
const Graph = lazy(() => Promise.all([import("./Drawing"), import("./graph")]).then(([drawing]) => drawing));

export function Chart({ graph = false, ...drawn }: Drawn & { graph?: boolean }) {
  const What = graph ? Graph : Drawing;
  const height = drawn.height ?? 260;
  return (
    <Suspense fallback={<Skeleton.Node active style={{ width: "100%", height }} />}>
      <What {...drawn} />
    </Suspense>
  );
}
