// Networks of nodes: fetched by the pages alone that draw them.

import { GraphChart } from "echarts/charts";
import { use } from "echarts/core";

use([GraphChart]);
