/**
 * Whether a command could be run, without running it: for commands that are kept for later, so that a wrong one is
 * refused when it comes and not among others. What an operation finds out while it runs it does not say: a key of another
 * kind, a key that is too long.
 */
import type { Dispatch } from '../../dispatch/index.ts';
import type { Command, CommandCall } from './command.ts';

/**
 * Reads the payload as the command does, up to its first call of an operation, and asks the gate about that.
 * @throws what `command.run` would: FORBIDDEN, MISSING_PARAMETER, INVALID_PARAMETER, …
 */
export async function checkCommand(command: Command, call: CommandCall): Promise<void> {
  const { dispatch } = call;
  await dispatch.admit(command.operation, call.session);
  await new Promise<void>((resolve, reject) => {
    const gate: Dispatch = {
      store: dispatch.store,
      admit: (operation, session) => dispatch.admit(operation, session),
      saysWhoAsks: (session) => dispatch.saysWhoAsks(session),
      check: (operation, input, session) => dispatch.check(operation, input, session),
      inFlight: dispatch.inFlight,
      call: (operation, input, session) => {
        dispatch.check(operation, input, session).then(resolve, reject);
        // Goes no further: nobody holds it, so that it is collected with the command that waits for it.
        return new Promise(() => {});
      },
    };
    command.run({ ...call, dispatch: gate }).then(() => resolve(), reject);
  });
}
