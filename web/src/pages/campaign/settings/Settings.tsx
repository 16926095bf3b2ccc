import type { Campaign } from "../../../live/state";

export default function Settings({ campaign }: { campaign: Campaign }) {
  return <p>{campaign.settings_version}</p>;
}
