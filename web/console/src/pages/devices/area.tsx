import { MobileOutlined } from "@ant-design/icons";
import type { Area } from "../../app/areas";

export const devices: Area = {
  key: "devices",
  label: { en: "Devices", zh: "设备" },
  icon: <MobileOutlined />,
  pages: [
    {
      path: "devices",
      label: { en: "Devices", zh: "设备" },
      listed: true,
      scope: "devices:read",
      load: () => import("./Devices"),
    },
    { path: "devices/:device", label: { en: "Device", zh: "设备" }, load: () => import("./Device") },
  ],
};
