import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function DoNotCall() {
  return <Page title={words.doNotCall}>{null}</Page>;
}
