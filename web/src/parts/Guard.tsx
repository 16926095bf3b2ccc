import { Component, type ReactNode } from "react";

import { Failure } from "./Failure";

interface State {
  error: unknown;
}

/** Keeps a page that fails from taking the frame, and so the way to other pages, with it. */
export class Guard extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    // Most often a new version was installed and the old page's files are gone.
    return <Failure problem={this.state.error} again={() => location.reload()} />;
  }
}
