import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function Lists() {
  return <Page title={words.lists}>{null}</Page>;
}
