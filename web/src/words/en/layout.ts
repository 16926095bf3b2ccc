/** Words of the frame around every page. */
export default {
  nav: "Main",
  campaigns: "Campaigns",
  agents: "Agents",
  lists: "Lists",
  numbers: "Numbers and trunks",
  doNotCall: "Do not call",
  reports: "Reports",
  simulate: "Simulate",
  wallboard: "Wallboard",
  settings: "Settings",
  openMenu: "Open the menu",
  closeMenu: "Close the menu",
  account: "Account:",
  signOut: "Sign out",
  changePassword: "Change password",
  theme: { label: "Theme", light: "Light", dark: "Dark", auto: "As the system" },
  notFound: "There is no such page",
  notFoundHint: "The address may be mistyped, or what it named may be gone.",
  spool: {
    full: (node: string, results: string) =>
      `Alarm: no more results fit on the disk of ${node} (${results} wait). It starts no calls and sends nothing until the database has stored them.`,
    waits: (node: string, results: string) =>
      `${results} results of ${node} wait on its disk for the database. None is lost; the figures lack them until then.`,
  },
  toCampaigns: "Go to the campaigns",
} as const;
