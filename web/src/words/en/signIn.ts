/** Words of signing in and of the password. */
export default {
  title: "Sign in",
  lead: "Outbound campaigns in which pause is a promise.",
  name: "Name",
  password: "Password",
  submit: "Sign in",
  wrong: "Name or password is wrong.",
  firstTime:
    "First time here? The server printed the administrator's name and a one-time password when it first started.",
  changeTitle: "Choose a new password",
  changeFirst: "The password that you signed in with works only once. Choose one of your own.",
  current: "Current password",
  next: "New password",
  nextHint: "At least 12 characters. A few words are easier to keep than a riddle.",
  again: "New password again",
  differ: "The two differ.",
  tooShort: "At least 12 characters.",
  change: "Change password",
  changed: "The password was changed.",
} as const;
