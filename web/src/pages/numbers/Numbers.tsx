import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function Numbers() {
  return <Page title={words.numbers}>{null}</Page>;
}
