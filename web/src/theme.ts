/** The look of everything: petrol on cool greys, amber for paused, one type face. */
import { createTheme, type MantineColorsTuple, Notification } from "@mantine/core";

import words from "./words/en/common";

const petrol: MantineColorsTuple = [
  "#e9f6f8", "#d3e9ee", "#a5d3dd", "#74bccb", "#4da8bc", "#3399b0", "#1a7d96", "#0f6f87",
  "#0f5c6e", "#0a4656",
];
const amber: MantineColorsTuple = [
  "#fff6e0", "#ffebc7", "#fbd690", "#f5be55", "#eeab28", "#d99410", "#b97a06", "#945f04",
  "#734a06", "#553605",
];
const green: MantineColorsTuple = [
  "#e6f7ef", "#d0eddf", "#a2d9bf", "#70c49d", "#48b280", "#2ba56e", "#17895a", "#0f7049",
  "#0c5a3b", "#08442d",
];
const red: MantineColorsTuple = [
  "#fdeeed", "#f9dad8", "#f0b1ad", "#e8867f", "#e06158", "#d4453b", "#bf362d", "#a52a22",
  "#85201a", "#661713",
];
const gray: MantineColorsTuple = [
  "#f6f8fa", "#edf0f3", "#e0e5ea", "#cdd4dc", "#aab5c0", "#7d8997", "#566372", "#3c4856",
  "#27313d", "#18202a",
];
const dark: MantineColorsTuple = [
  "#dfe6ee", "#a9b5c2", "#8695a5", "#5d6b7b", "#3b4755", "#2a3440", "#1b232d", "#151c25",
  "#10161e", "#0b1017",
];

export const theme = createTheme({
  colors: { petrol, amber, green, red, gray, dark },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: "12px", sm: "13.5px", md: "15px", lg: "17px", xl: "20px" },
  headings: {
    fontWeight: "640",
    sizes: {
      h1: { fontSize: "24px", lineHeight: "1.25" },
      h2: { fontSize: "17px", lineHeight: "1.35" },
      h3: { fontSize: "14.5px", lineHeight: "1.4" },
    },
  },
  respectReducedMotion: true,
  components: {
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { "aria-label": words.close } },
    }),
  },
});
