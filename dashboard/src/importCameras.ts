import { ApiError, planImport, startImport, type ImportPlan } from './api';
import { element, setText } from './dom';
import { count } from './words';

export interface ImportCameras {
  /** Opens and closes the form. */
  readonly button: HTMLElement;
  readonly form: HTMLElement;
}

type Row = ImportPlan['rows'][number];

/** A table of ten thousand rows is read by nobody, and its refused rows come first. */
const MOST_ROWS = 200;
const ORDER: readonly Row['action'][] = ['refuse', 'change', 'create'];
const EXAMPLE = 'name,url,user,password\nGate,rtsp://192.168.1.64/stream,viewer,…';

/**
 * The form that imports a table (CSV) or JSON: a first click shows what would happen, a second one does it. `started` is called
 * with the pass.
 */
export function createImportCameras(started: (pass: string) => void): ImportCameras {
  const file = element('input', { type: 'file', accept: '.csv,.tsv,.txt,.json,text/csv,application/json' });
  const typed = element('textarea', {
    ...{ rows: '5', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', placeholder: EXAMPLE },
  });
  const said = element('p', { class: 'sentence', role: 'status' });
  const problem = element('p', { class: 'sentence', role: 'alert', hidden: true });
  const planned = element('div', { class: 'planned', hidden: true });
  const look = element('button', { type: 'submit', class: 'primary' }, 'Show what would happen');
  const carryOut = element('button', { type: 'button', class: 'primary', hidden: true, click: () => void run() });
  const cancel = element('button', { type: 'button', click: () => show(false) }, 'Cancel');
  const form = element(
    'form',
    { class: 'add', hidden: true, autocomplete: 'off', 'aria-label': 'Import cameras' },
    element('h2', {}, 'Import cameras'),
    element(
      'p',
      { class: 'soft' },
      'A table whose first line names its columns (url, name, and if need be key, user, password, mode, sound, labels, enabled, location, city, lat, lng, attributes), or JSON. Cameras that it does not name stay as they are.',
    ),
    element(
      'div',
      { class: 'fields' },
      element('label', {}, element('span', {}, 'File'), file),
      element('label', {}, element('span', {}, 'Or the text itself'), typed),
    ),
    problem,
    said,
    planned,
    element('div', { class: 'buttons' }, look, carryOut, cancel),
  );
  const button = element(
    'button',
    { type: 'button', 'aria-expanded': 'false', click: () => show(Boolean(form.hidden)) },
    'Import',
  );
  /** The text that was planned; what stands in the form may be another one by now. */
  let text = '';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void plan();
  });
  form.addEventListener('input', unplan);
  return { button, form };

  function show(isShown: boolean): void {
    form.hidden = !isShown;
    button.setAttribute('aria-expanded', String(isShown));
    // Passwords do not stay in a form that nobody sees.
    form.reset();
    unplan();
    tell('', '');
    if (isShown) file.focus();
    else button.focus();
  }

  function unplan(): void {
    text = '';
    planned.hidden = carryOut.hidden = true;
    planned.replaceChildren();
    setText(said, '');
  }

  async function plan(): Promise<void> {
    unplan();
    await busily('Reading …', async () => {
      const given = (await file.files?.[0]?.text()) ?? typed.value;
      if (given.trim() === '') {
        tell('There is nothing to import yet. Choose a file, or paste its text.', '');
        return;
      }
      const read = await planImport(given);
      const { create, change } = read.summary;
      text = given;
      tell('', summarySentence(read.summary));
      planned.replaceChildren(...planTable(read.rows));
      planned.hidden = false;
      setText(carryOut, `Import ${count(create + change, 'camera')}`);
      carryOut.hidden = create + change === 0;
    });
  }

  async function run(): Promise<void> {
    await busily('The import starts …', async () => {
      const pass = await startImport(text);
      show(false);
      started(pass);
    });
  }

  async function busily(going: string, work: () => Promise<void>): Promise<void> {
    for (const one of [look, carryOut, cancel]) one.disabled = true;
    form.setAttribute('aria-busy', 'true');
    tell('', going);
    try {
      await work();
    } catch (error) {
      tell(error instanceof ApiError ? `${error.message} ${error.cure}` : 'camlease does not answer.', '');
    }
    for (const one of [look, carryOut, cancel]) one.disabled = false;
    form.setAttribute('aria-busy', 'false');
  }

  function tell(wrong: string, going: string): void {
    problem.hidden = wrong === '';
    setText(problem, wrong);
    setText(said, going);
  }
}

function summarySentence({ create, change, none, refuse }: ImportPlan['summary']): string {
  const parts = [
    `${count(create, 'camera')} would be new`,
    `${change} would change`,
    `${none} would stay as they are`,
    `${count(refuse, 'row')} cannot be taken`,
  ];
  return `${parts.join(', ')}. Nothing is stored yet.`;
}

/** Every row that does something, or is refused. */
function planTable(rows: readonly Row[]): HTMLElement[] {
  const told = ORDER.flatMap((action) => rows.filter((row) => row.action === action));
  if (told.length === 0) return [];
  const head = element('tr', {}, ...['Row', 'Camera', 'What would happen'].map((name) => element('th', {}, name)));
  const lines = told
    .slice(0, MOST_ROWS)
    .map((row) =>
      element(
        'tr',
        { 'data-action': row.action },
        element('td', {}, row.place),
        element('td', {}, row.key ?? '–'),
        element('td', {}, whatHappens(row)),
      ),
    );
  const table = element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines));
  const more = told.length - lines.length;
  return [table, ...(more > 0 ? [element('p', { class: 'soft' }, `And ${count(more, 'row')} more.`)] : [])];
}

function whatHappens({ action, changes, message }: Row): string {
  switch (action) {
    case 'create':
      return 'new';
    case 'change':
      return `changes: ${changes.map((field) => (field === 'url' ? 'address or login' : field)).join(', ')}`;
    case 'refuse':
      return `cannot be taken: ${message ?? ''}`;
    case 'none':
      return 'stays as it is';
  }
}
