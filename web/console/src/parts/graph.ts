// Networks of nodes, for the pages that draw them: a third of what the other charts weigh.

import { GraphChart } from "echarts/charts";
import { use } from "echarts/core";

use([GraphChart]);
