import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function Settings() {
  return <Page title={words.settings}>{null}</Page>;
}
