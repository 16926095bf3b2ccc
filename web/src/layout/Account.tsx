/** Who is signed in, and what they may do with it. */
import {
  Avatar,
  type FloatingPosition,
  Menu,
  Modal,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChevronUp,
  IconDeviceDesktop,
  IconKey,
  IconLogout,
  IconMoon,
  IconSun,
} from "@tabler/icons-react";

import { useChangePreferences, useSession, useSignOut } from "../api/session";
import { ChangePasswordForm } from "../pages/sign-in/ChangePassword";
import signIn from "../words/en/signIn";
import words from "../words/en/layout";
import classes from "./Account.module.css";

const THEMES = [
  { value: "auto", label: words.theme.auto, icon: IconDeviceDesktop },
  { value: "light", label: words.theme.light, icon: IconSun },
  { value: "dark", label: words.theme.dark, icon: IconMoon },
] as const;

interface Props {
  /** Where its menu opens. */
  position?: FloatingPosition;
  /** The name shows only in the menu. */
  small?: boolean;
  /** Why they cannot sign out now. */
  stays?: string | null;
}

export function Account({ position = "top-start", small = false, stays = null }: Props) {
  const session = useSession().data;
  const signOut = useSignOut();
  const change = useChangePreferences();
  const { setColorScheme } = useMantineColorScheme();
  const [changing, dialog] = useDisclosure(false);
  if (!session) return null;
  const { user, preferences } = session;

  const choose = (theme: (typeof THEMES)[number]["value"]): void => {
    setColorScheme(theme);
    change.mutate({ theme });
  };

  return (
    <>
      <Menu position={position} width={210} shadow="md">
        <Menu.Target>
          <UnstyledButton className={classes.account}>
            <Avatar size={28} radius="xl" color="petrol" aria-hidden>
              {user.slice(0, 1).toUpperCase()}
            </Avatar>
            <span className="hidden-text">{words.account}</span>
            {small ? (
              <span className="hidden-text">{user}</span>
            ) : (
              <>
                <Text size="sm" fw={560} truncate>
                  {user}
                </Text>
                <IconChevronUp size={16} aria-hidden className={classes.chevron} />
              </>
            )}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {small && <Menu.Label>{user}</Menu.Label>}
          <Menu.Label>{words.theme.label}</Menu.Label>
          {THEMES.map(({ value, label, icon: Icon }) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={16} aria-hidden />}
              aria-checked={preferences.theme === value}
              role="menuitemradio"
              rightSection={preferences.theme === value ? "✓" : null}
              onClick={() => choose(value)}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={dialog.open}>
            {words.changePassword}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={16} aria-hidden />}
            onClick={() => signOut.mutate()}
            disabled={stays !== null}
            title={stays ?? undefined}
          >
            {words.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={changing} onClose={dialog.close} title={signIn.changeTitle} centered>
        <ChangePasswordForm onDone={dialog.close} />
      </Modal>
    </>
  );
}
