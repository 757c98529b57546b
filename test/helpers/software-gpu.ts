import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Where browsers keep SwiftShader, the software Vulkan device that they draw with when there is no GPU. */
const FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
  '/opt/chromium.org/chromium',
];
const LIBRARY = 'libvk_swiftshader.so';
const ADVICE = 'On Debian, install what is missing with: apt-get install --no-install-recommends chromium libvulkan1';

/** Environment in which WebGPU runs on a device made of software, or what this machine lacks for it. */
export type SoftwareGpu = { readonly env: Readonly<Record<string, string>> } | { readonly missing: string };

/** Looks for SwiftShader and a Vulkan loader. Mesa's lavapipe would not do: onnxruntime's WebGPU refuses it. */
function findSoftwareGpu(): SoftwareGpu {
  if (process.platform !== 'linux') return { missing: 'The software GPU of these tests is for Linux.' };
  const folder = FOLDERS.find((candidate) => existsSync(join(candidate, LIBRARY)));
  if (!folder) return { missing: `${LIBRARY} is in none of ${FOLDERS.join(', ')}. ${ADVICE}` };
  if (!hasVulkanLoader()) return { missing: `libvulkan.so.1 is not installed. ${ADVICE}` };
  const driver = driverFile(folder);
  // The second name is for loaders from before 2022.
  return { env: { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver } };
}

/**
 * The software GPU of this machine, for one test file. Where it is missing, CI fails, and elsewhere the reason is told and tests are skipped.
 */
export function requireSoftwareGpu(): SoftwareGpu {
  const found = findSoftwareGpu();
  if ('env' in found) return found;
  if (process.env['CI'] === 'true') throw new Error(`CI must run every test, but ${found.missing}`);
  console.warn(`\nSKIPPED: every test on WebGPU. ${found.missing}\n`);
  return found;
}

function hasVulkanLoader(): boolean {
  try {
    return execFileSync('ldconfig', ['-p'], { encoding: 'utf8' }).includes('libvulkan.so.1');
  } catch {
    // Not every system has ldconfig on an ordinary user's path.
    return ['/usr/lib', '/usr/lib64', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`].some(
      (folder) => existsSync(join(folder, 'libvulkan.so.1')),
    );
  }
}

/** The file that tells the loader where the device's library is: the browser's own or, where it brings none, one of ours. */
function driverFile(folder: string): string {
  const shipped = join(folder, 'vk_swiftshader_icd.json');
  if (existsSync(shipped)) return shipped;
  const own = mkdtempSync(join(tmpdir(), 'grapevine-vulkan-'));
  afterAll(() => rmSync(own, { recursive: true, force: true }));
  const file = join(own, 'swiftshader.json');
  const ICD = { library_path: join(folder, LIBRARY), api_version: '1.0.5' };
  writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  return file;
}
