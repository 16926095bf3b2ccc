/** Through which carriers and providers calls and messages leave, and what they show and say. */
import { Page } from "../../parts/Page";
import words from "../../words/en/numbers";
import { CallingNumbers } from "./CallingNumbers";
import { Providers } from "./Providers";
import { Recordings } from "./Recordings";
import { Trunks } from "./Trunks";

export default function Numbers() {
  return (
    <Page title={words.title}>
      <Trunks />
      <CallingNumbers />
      <Recordings />
      <Providers />
    </Page>
  );
}
