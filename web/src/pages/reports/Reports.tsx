import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function Reports() {
  return <Page title={words.reports}>{null}</Page>;
}
