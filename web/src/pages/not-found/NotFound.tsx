import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "wouter";

import { Empty } from "../../parts/Empty";
import { usePageTitle } from "../../parts/Page";
import words from "../../words/en/layout";

export default function NotFound() {
  usePageTitle(words.notFound);
  return (
    <Empty
      icon={<IconMapQuestion size={32} stroke={1.5} />}
      title={words.notFound}
      hint={words.notFoundHint}
      action={
        <Button component={Link} href="/campaigns" variant="default">
          {words.toCampaigns}
        </Button>
      }
    />
  );
}
