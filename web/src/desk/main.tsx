import "@fontsource-variable/inter/index.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "../look.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queryClient } from "../api/queryClient";
import { Guard } from "../parts/Guard";
import { theme } from "../theme";
import { App } from "./App";

const root = document.getElementById("root");
if (root === null) throw new Error("desk.html has no #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-left" autoClose={6000} />
        <Guard>
          <App />
        </Guard>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
