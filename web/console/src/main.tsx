import { createRoot } from "react-dom/client";
import "./app/base.css";
import { Root } from "./app/Root";

const place = document.getElementById("root");
if (place !== null) createRoot(place).render(<Root />);
