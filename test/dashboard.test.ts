import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../src/core/errors.js';
import { createHttpServer } from '../src/http/server.js';
import { aCamera, aCandidate, aFailure, aLease, aUrlCamera, at, DAY, HOUR } from './support/builders.js';
import { fakeHouse, type FakeHouse } from './support/http/httpDeps.js';
import { builtPage } from './support/installation/builtPage.js';
import { chromiumFor, launchChromium } from './support/viewers/chromium.js';

describe.skipIf(!chromiumFor('the page in a browser'))('the page in Chromium', () => {
  let dashboardDir: string;
  let browser: Browser;

  beforeAll(async () => {
    dashboardDir = await builtPage();
    browser = await launchChromium();
  }, 120_000);

  afterAll(() => browser.close());

  /** Opens the page over the house; `complaints` are what the browser's console says, the page's policy included. */
  async function open(
    house: FakeHouse,
    query = '',
  ): Promise<{ page: Page; complaints: string[]; away: () => Promise<void> }> {
    const server = createHttpServer({ ...house, dashboardDir });
    const { port } = await server.listen(0, '127.0.0.1');
    const page = await browser.newPage();
    onTestFinished(async () => {
      await page.close();
      await server.close();
    });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${port}/${query}`);
    return { page, complaints, away: () => server.close() };
  }

  function fleet(cameras: number): FakeHouse {
    const house = fakeHouse();
    for (let index = 0; index < cameras; index++) {
      const id = `cam-${String(index).padStart(5, '0')}`;
      house.stored.set(id, aCamera({ id, name: `Camera ${index}`, lease: aLease({ expiresAt: at(7 * DAY) }) }));
      house.seen.set(id, { revision: 1, flow: 'idle' });
    }
    return house;
  }

  it('says at the top that all is well, and each camera says how it is', async () => {
    const { page, complaints } = await open(fleet(9));
    await page.getByText('9 cameras, all ready').waitFor();
    expect(await page.locator('.tile').count()).toBe(9);
    expect(await page.locator('.tile .state').first().textContent()).toContain('Ready');
    expect(complaints).toEqual([]);
  });

  it('brings the cameras that are in trouble forward, and the others back', async () => {
    const house = fleet(60);
    house.stored.set('cam-00055', aCamera({ id: 'cam-00055', name: 'Yard', status: 'offline' }));
    const { page } = await open(house);
    await page.getByText('60 cameras: 59 ready, 1 dark').waitFor();
    await page.getByRole('button', { name: 'Show cameras in trouble' }).click();
    await page.getByText('1 camera found · 60 cameras: 59 ready, 1 dark').waitFor();
    expect(await page.locator('.tile').textContent()).toContain('Yard');
    // A filter that shows none of them does not hide that something is wrong.
    await page.getByLabel('Show', { exact: true }).selectOption('Ready');
    await page.getByText('59 cameras found · 60 cameras: 59 ready, 1 dark').waitFor();
    expect(await page.getByRole('button', { name: 'Show cameras in trouble' }).isVisible()).toBe(true);
    await page.getByLabel('Show', { exact: true }).selectOption('All cameras');
    await page.getByText(/^60 cameras: 59 ready/).waitFor();
    expect(await page.locator('.tile').count()).toBe(48);
  });

  it('shows what is wrong and what to do, and takes names for text', async () => {
    const house = fleet(2);
    const failure = aFailure({ code: 'EVZ60019', message: 'The video is encrypted.', cure: 'Switch encryption off.' });
    house.stored.set('cam-00001', aCamera({ id: 'cam-00001', name: '<img src=x onerror=alert(1)>', failure }));
    house.engineProblem = 'MediaMTX does not answer.';
    const { page } = await open(house);
    const tile = page.locator('[data-camera="cam-00001"]');
    await tile.getByText('The video is encrypted. Switch encryption off.').waitFor();
    expect(await tile.locator('.state').textContent()).toContain('Dark');
    expect(await tile.locator('h2').textContent()).toBe('<img src=x onerror=alert(1)>');
    expect(await page.getByRole('alert').textContent()).toContain('MediaMTX does not answer.');
    expect(await page.locator('.summary').textContent()).toContain('1 ready, 1 dark');
  });

  it('adds a camera by its address: says why it does not open, with the cure, and keeps it all the same', async () => {
    const house = fleet(2);
    house.sourceRefused = new AppError('SOURCE_NOT_OPENED', 'The camera answers, and refuses this user or password.', {
      cure: 'Correct user and password. To store the camera all the same, send "keep": true.',
      reason: 'login',
    });
    const { page, complaints } = await open(house);
    await page.getByRole('button', { name: 'Add a camera' }).click();
    await page.getByLabel('Address').fill('rtsp://10.0.0.1/x');
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill('geheim99');
    await page.getByLabel('Name').fill('Gate');
    await page.getByRole('button', { name: 'Open and add' }).click();
    await page.getByText('The camera answers, and refuses this user or password. Correct user and password.').waitFor();
    expect(await page.getByText('"keep"').count()).toBe(0);
    house.sourceRefused = null;
    await page.getByRole('button', { name: 'Keep it all the same' }).click();
    await page.locator('.tile h2', { hasText: 'Gate' }).waitFor();
    expect(await page.getByRole('form').count()).toBe(0);
    const source = { url: 'rtsp://10.0.0.1/x', user: 'admin', password: 'geheim99' };
    expect(house.given).toEqual([
      { name: 'Gate', source, keep: false },
      { name: 'Gate', source, keep: true },
    ]);
    expect(complaints.filter((line) => !line.includes('422'))).toEqual([]);
  });

  it('adds a camera with its photograph, shows it, and takes another one or none', async () => {
    const house = fleet(0);
    const { page, complaints } = await open(house);
    await page.getByRole('button', { name: 'Add a camera' }).click();
    await page.getByLabel('Address').fill('rtsp://10.0.0.1/x');
    await page.getByLabel('Name').fill('Gate');
    const photograph = async (background: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> => {
      const picture = sharp({ create: { width: 320, height: 180, channels: 3, background } });
      return { name: 'gate.png', mimeType: 'image/png', buffer: await picture.png().toBuffer() };
    };
    await page.getByLabel('Photograph (may be left out)').setInputFiles(await photograph('#336699'));
    await page.getByRole('button', { name: 'Open and add' }).click();
    const tile = page.locator('.tile', { hasText: 'Gate' });
    await tile.getByText('Photograph', { exact: true }).click();
    const shown = tile.getByRole('img', { name: 'Photograph of Gate' });
    await shown.waitFor();
    const first = await shown.getAttribute('src');
    expect(first).toMatch(/^\/images\//);
    const width = (): Promise<number> => shown.evaluate((image: { naturalWidth: number }) => image.naturalWidth);
    await expect.poll(width).toBe(320);

    await house.clock.advance(1000);
    await tile.getByLabel('Upload a photograph').setInputFiles(await photograph('#996633'));
    await expect.poll(() => shown.getAttribute('src')).not.toBe(first);
    const text = { name: 'gate.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') };
    await tile.getByLabel('Upload a photograph').setInputFiles(text);
    await tile.getByText('The photograph was not changed. This file is no picture in JPEG, PNG or WebP').waitFor();
    expect(await shown.isVisible()).toBe(true);
    await tile.getByRole('button', { name: 'Remove it' }).click();
    await shown.waitFor({ state: 'hidden' });
    expect([house.imageOf.size, complaints.filter((line) => !line.includes('400'))]).toEqual([0, []]);
  });

  it('imports a table: shows what would happen first, with the reason for each row that is refused, then does it', async () => {
    const house = fleet(0);
    const { page, complaints } = await open(house);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const form = page.getByRole('form', { name: 'Import cameras' });
    await form.getByRole('button', { name: 'Show what would happen' }).click();
    await form.getByText('There is nothing to import yet.').waitFor();
    await form.getByLabel('Or the text itself').fill('name,colour,url\nGate,red,rtsp://10.0.0.5/1');
    await form.getByRole('button', { name: 'Show what would happen' }).click();
    await form.getByText('The table has a column "colour" that is unknown.').waitFor();
    const table = 'name,url,user,password\n<b>Gate</b>,rtsp://10.0.0.5/1,admin,geheim99\nYard,nowhere,admin,geheim99\n';
    await form.getByLabel('File').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
    await form.getByRole('button', { name: 'Show what would happen' }).click();
    await form
      .getByText('1 camera would be new, 0 would change, 0 would stay as they are, 1 row cannot be taken.')
      .waitFor();
    const rows = await form.locator('tbody tr').allInnerTexts();
    expect(rows[0]).toMatch(/^line 3\s+Yard\s+cannot be taken: Line 3, "Yard", has an address that cannot be taken:/);
    expect(rows[1]).toMatch(/^line 2\s+<b>Gate<\/b>\s+new$/);
    expect(rows.join()).not.toContain('geheim99');
    expect(house.imported).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    const width = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBe(390);
    await form.getByRole('button', { name: 'Import 1 camera' }).click();
    await form.waitFor({ state: 'hidden' });
    await expect
      .poll(() => house.imported.map((given) => given.map(({ place }) => place)))
      .toEqual([['line 2', 'line 3']]);
    expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
  });

  it('says of a camera by URL where it comes from, and opens it again instead of renewing it', async () => {
    const house = fleet(1);
    const feed = { name: 'town', key: '7' };
    house.stored.set('gate', aUrlCamera({ id: 'gate', name: 'Gate', feed }));
    const { page } = await open(house);
    const tile = page.locator('.tile', { hasText: 'Gate' });
    await tile.getByText('Camera by URL, from town').waitFor();
    await tile.getByRole('button', { name: 'Open the address of Gate again now' }).waitFor();
    expect(await tile.textContent()).not.toContain('No lease');
  });

  it('says how many stored documents are left out, and where they are named', async () => {
    const house = fleet(2);
    const document = { deviceSerials: [], channel: null, resourceId: '', message: '<b>wrong</b>', cure: 'Correct it.' };
    house.leftOutDocuments.push({ ...document, id: '<b>gate</b>' }, { ...document, id: 'yard' });
    const { page } = await open(house);
    const banner = page.getByRole('alert');
    await banner.getByText('2 stored documents cannot be read as cameras and are left out.').waitFor();
    expect(await banner.textContent()).toContain('GET /api/camera names each under leftOut');
    expect(await banner.locator('b').count()).toBe(0);
  });

  it('says what the database does not take', async () => {
    const house = fleet(2);
    const refusal = { code: 'DOCUMENT_REFUSED', message: 'A rule refuses it.', cure: 'Drop the rule.' };
    house.refusedWrites.set('cam-00001', refusal).set('unborn_1', refusal);
    const { page } = await open(house);
    await page
      .getByRole('alert')
      .getByText(/^The database refuses .* Drop the rule\./)
      .waitFor();
    await page
      .locator('[data-camera="cam-00001"]')
      .getByText(/The database refuses|the database refuses/)
      .first()
      .waitFor();
  });

  it('shows no more tiles than a page of ten thousand cameras holds, and finds one of them', async () => {
    const { page } = await open(fleet(10_000));
    await page.getByText('1 to 48 of 10,000 cameras').waitFor();
    expect(await page.locator('.tile').count()).toBe(48);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('49 to 96 of 10,000 cameras').waitFor();
    await page.getByRole('searchbox').fill('Camera 7777');
    await page.getByText('1 camera found').waitFor();
    expect(await page.locator('.tile h2').allTextContents()).toEqual(['Camera 7777']);
  });

  it('tells how to give keys when there is no account, and to find cameras when there is one', async () => {
    const house = fleet(0);
    const found = await open(house);
    await found.page.getByText('Press “Find cameras”').waitFor();
    house.accountList.length = 0;
    const { page } = await open(house);
    await page.getByText('HIKVISION_APP_KEY').waitFor();
  });

  it('finds cameras with progress and says how it went', async () => {
    const house = fleet(3);
    const { page } = await open(house);
    await page.getByRole('button', { name: 'Find cameras' }).click();
    // Said of the pass itself: the first word comes with the click, before there is one that could end.
    await page.getByText('Finding and leasing').waitFor();
    const counts = { discovered: 3, created: 3, updated: 0, missing: 0, leased: 3 };
    house.endPass({ report: { success: true, ...counts, failed: [], failedAccounts: [], pass: 'p-1' } });
    await page.getByText('Found 3 cameras, leased 3.').waitFor();
  });

  it('says that camlease does not answer, and keeps what it knew', async () => {
    const { page, away } = await open(fleet(2));
    await page.locator('.tile').first().waitFor();
    await away();
    await page.getByText('camlease has not answered since').waitFor();
    expect(await page.locator('.tile').count()).toBe(2);
  });

  it('says what a new lease waits for, what happens next, and when', async () => {
    const house = fleet(2);
    house.stored.set('cam-00001', aCamera({ id: 'cam-00001', lease: aLease(), candidate: aCandidate() }));
    house.seen.set('cam-00001', { revision: 1, flow: 'flowing', viewers: 1 });
    house.decisions.set('cam-00001', { action: 'hold', reason: 'watched', until: at(HOUR) });
    const { page } = await open(house);
    const renewal = page.locator('[data-camera="cam-00001"] .renewal');
    await renewal.getByText('It waits because somebody watches').waitFor();
    expect(await renewal.textContent()).toContain('takes over as soon as nobody watches');
    expect(await renewal.textContent()).toMatch(/This happens (in|at any moment)/);
    expect(await page.locator('[data-camera="cam-00000"] .renewal').textContent()).toBe('');
  });

  it('changes how a camera is carried, and says so when it cannot', async () => {
    const house = fleet(1);
    const { page } = await open(house);
    const mode = page.getByLabel('Mode of Camera 0');
    expect(await mode.inputValue()).toBe('on-demand');
    expect(await mode.locator('option').allTextContents()).toEqual(['On demand', 'Direct', 'Always on', 'Seamless']);
    await mode.selectOption('Direct');
    await expect.poll(() => house.stored.get('cam-00000')?.mode).toBe('direct');
    await mode.selectOption('Always on');
    await expect.poll(() => house.stored.get('cam-00000')?.mode).toBe('always-on');
    house.storeAway = new Error('gone');
    await mode.selectOption('Seamless');
    await page.getByText('The mode was not changed.').waitFor();
    expect(await mode.inputValue()).toBe('always-on');
  });

  it('says how much of a period was observed, and leaves out what knows no more', async () => {
    const house = fleet(1);
    house.worked = { percent: 99.996, percentOurs: 100, tally: { up: 2 * HOUR, down: 300, away: 0, unknown: 0 } };
    const { page } = await open(house);
    const numbers = page.locator('.availability');
    await page.getByText('History').click();
    await expect.poll(() => numbers.textContent()).toBe('Pictures came for 99.99 % of 24 hours (2 hours observed)');
    house.worked = { percent: 100, percentOurs: 100, tally: { up: DAY, down: 0, away: 0, unknown: 0 } };
    await page.getByText('History').click();
    await page.getByText('History').click();
    await expect.poll(() => numbers.textContent()).toBe('Pictures came for 100 % of 24 hours');
  });

  it('says what viewers get once nothing has come for a minute, and how that is changed', async () => {
    const house = fleet(1);
    const { page } = await open(house);
    const gone = page.locator('.gone');
    await page.getByText('History').click();
    await expect.poll(() => gone.textContent()).toContain('viewers continue with the last picture and its caption.');
    expect(await gone.textContent()).toContain('PUT /api/camera/cam-00000 with {"whenGone": "end"}');
  });

  it('calls a camera dark whose last picture is shown, and says why it does not come', async () => {
    const house = fleet(1);
    house.seen.set('cam-00000', { revision: 1, flow: 'stopped', carrier: 'relay', reason: 'ended', viewers: 1 });
    const { page } = await open(house);
    const tile = page.locator('.tile');
    await tile.getByText("The cloud's server closed the stream. The relay opens it again by itself.").waitFor();
    expect(await tile.locator('.state').textContent()).toContain('Dark');
  });

  it('says why a single camera has no picture, where its player looks', async () => {
    const house = fleet(1);
    house.stored.set('cam-00000', aCamera({ id: 'cam-00000', status: 'offline' }));
    const { page } = await open(house, '?camera=cam-00000&play=hls');
    await page.locator('video[data-state="waiting"]').waitFor();
    expect(await page.locator('.problem').textContent()).toContain('The cloud says that the camera is offline.');
  });
});
