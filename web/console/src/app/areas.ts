// The areas of the console, in the order of the navigation. An area is a folder of `pages`.

import type { ComponentType, ReactNode } from "react";
import { audit } from "../pages/audit/area";
import { customers } from "../pages/customers/area";
import { cases } from "../pages/cases/area";
import { developers } from "../pages/developers/area";
import { devices } from "../pages/devices/area";
import { home } from "../pages/home/area";
import { lists } from "../pages/lists/area";
import { models } from "../pages/models/area";
import { merchants } from "../pages/merchants/area";
import { money } from "../pages/money/area";
import { proposals } from "../pages/proposals/area";
import { rules } from "../pages/rules/area";
import { payments } from "../pages/payments/area";
import { staff } from "../pages/staff/area";

interface Label {
  en: string;
  zh: string;
}

/** One page: `path` is below the console's own address; `load` fetches its code when it is opened. */
export interface Page {
  path: string;
  label: Label;
  load: () => Promise<{ default: ComponentType }>;
  /** Stands in the navigation; pages of one object do not. */
  listed?: boolean;
  /** The scope without which it is not offered. */
  scope?: string;
}

export interface Area {
  key: string;
  label: Label;
  icon: ReactNode;
  pages: Page[];
}

export const AREAS: Area[] = [
  home,
  payments,
  cases,
  customers,
  devices,
  merchants,
  rules,
  lists,
  models,
  proposals,
  money,
  developers,
  staff,
  audit,
];
