import { Center, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { Mark } from "../../layout/Mark";
import common from "../../words/en/common";
import classes from "./SignIn.module.css";

interface Props {
  title: string;
  lead: string;
  children: ReactNode;
}

/** The card in the middle that signing in and the first password share. */
export function SignInFrame({ title, lead, children }: Props) {
  return (
    <Center mih="100dvh" p="md" component="main">
      <div className={`card ${classes.card}`}>
        <div className={classes.brand}>
          <Mark size={34} />
          <Text fw={680} size="lg">
            {common.product}
          </Text>
        </div>
        <Title order={1} className={classes.title}>
          {title}
        </Title>
        <Text c="dimmed" size="sm" mb="md">
          {lead}
        </Text>
        {children}
      </div>
    </Center>
  );
}
