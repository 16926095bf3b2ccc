/** Lists: what is there, what each import brought, and bringing in another. */
import { Route, Switch, useLocation } from "wouter";

import { ImportPage } from "./ImportPage";
import { Overview } from "./Overview";

export default function Lists() {
  const [, go] = useLocation();
  return (
    <Switch>
      <Route path="/lists/import">
        <ImportPage onLeave={() => go("/lists")} />
      </Route>
      <Route>
        <Overview />
      </Route>
    </Switch>
  );
}
