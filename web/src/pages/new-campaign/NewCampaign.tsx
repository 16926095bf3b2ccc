import { Page } from "../../parts/Page";
import words from "../../words/en/layout";

export default function NewCampaign() {
  return <Page title={words.campaigns}>{null}</Page>;
}
