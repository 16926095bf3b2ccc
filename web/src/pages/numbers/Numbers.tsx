/** Through which carriers calls leave, what they show, and what an answered one hears. */
import { Page } from "../../parts/Page";
import words from "../../words/en/numbers";
import { CallingNumbers } from "./CallingNumbers";
import { Recordings } from "./Recordings";
import { Trunks } from "./Trunks";

export default function Numbers() {
  return (
    <Page title={words.title}>
      <Trunks />
      <CallingNumbers />
      <Recordings />
    </Page>
  );
}
