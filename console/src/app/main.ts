// SPDX-License-Identifier: Apache-2.0
import "@fontsource-variable/noto-sans-kr/wght.css";
import "@/shared/ui/tokens.css";
import "@/shared/ui/glyph.css";
import { mount } from "svelte";
import { settings } from "@/shared/ui/settings.svelte";
import App from "./app.svelte";

settings.dress();
const target = document.getElementById("app");
if (target !== null) mount(App, { target });
