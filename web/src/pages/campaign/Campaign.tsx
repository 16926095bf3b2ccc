import { Page } from "../../parts/Page";

export default function Campaign({ reference }: { reference: string; tab: string }) {
  return <Page title={reference}>{null}</Page>;
}
