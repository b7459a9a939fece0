import { OWN_ERRORS, type ErrorEntry, type ErrorTable } from '../../../src/cloud/replies/errorTable.js';
import { VENDORS } from '../../../src/cloud/vendors/registry.js';

const CLASS_WORDS: Readonly<Record<ErrorEntry['failureClass'], string>> = {
  permanent: 'permanent',
  retry: 'retry',
  reauth: 'login',
  quota: 'limit',
  'camera-state': 'camera',
};

/** The text of `docs/cloud-errors.md`, made from the error tables; a test checks that the file is equal to it. */
export function renderCloudErrors(): string {
  return `# Errors of the vendor clouds

Made from the tables in \`src/cloud\`; do not edit by hand (\`npx vitest run src/cloud/replies/errorTable.test.ts -u\` writes it anew).

| kind | what happens |
| --- | --- |
| permanent | camlease does not try again until somebody changes something |
| retry | a passing fault: camlease tries again by itself, after longer and longer waits |
| login | the login has expired: camlease logs in once and repeats the call once |
| limit | a limit of the vendor: camlease makes no calls for the given time |
| camera | the camera is offline or masked: camlease asks again every few minutes |

"Account" means that the whole account is refused, not one camera.

## On the way to a cloud

${table(OWN_ERRORS)}

${VENDORS.map(({ title, otherCodes, errors }) => `## ${title}\n\n${otherCodes}\n\n${table(errors)}\n`).join('\n')}`;
}

function table(entries: ErrorTable): string {
  const rows = Object.entries(entries).map(
    ([code, entry]) => `| ${code} | ${kind(entry)} | ${entry.message} | ${entry.cure} |`,
  );
  return ['| code | kind | what it means | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function kind({ failureClass, accountWide, waitMs, permanentAfterLogin }: ErrorEntry): string {
  return [
    CLASS_WORDS[failureClass] + (permanentAfterLogin === true ? ', then permanent' : ''),
    ...(accountWide === true ? ['account'] : []),
    ...(waitMs === undefined ? [] : [`${waitMs / 60_000} min`]),
  ].join('; ');
}
