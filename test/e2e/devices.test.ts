import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { TINY_BUNDLE } from '../helpers/tiny-bundle.ts';

const binaries = join(
  createRequire(import.meta.url).resolve('onnxruntime-node'),
  `../../bin/napi-v6/${process.platform}/${process.arch}`,
);
const cudaIsInstalled = existsSync(join(binaries, 'libonnxruntime_providers_cuda.so'));

const post = '{"id":"1","platform":"x","text":"Ana Lima in Lisbon","author":{"id":"a"}}';
const extract = (device: string, env: Record<string, string> = {}) =>
  runCli(['extract', '-', '--bundle', TINY_BUNDLE, '--device', device], { input: post, env });

test.skipIf(cudaIsInstalled)(
  'CUDA without its libraries: one sentence with the command that installs them',
  async () => {
    const { code, stdout, stderr } = await extract('cuda');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('on cuda: ');
    if (process.platform === 'linux' && process.arch === 'x64') {
      expect(stderr).toContain('ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node');
    }
    expect(stderr).toContain('use the device cpu');
  },
);

// Other systems have WebGPU without Vulkan. Dawn writes warnings of its own, so the sentence is the last line.
test.skipIf(process.platform !== 'linux')('WebGPU without a driver: a sentence and exit code 1, no abort', async () => {
  const nowhere = '/none/icd.json';
  const { code, stdout, stderr } = await extract('webgpu', { VK_DRIVER_FILES: nowhere, VK_ICD_FILENAMES: nowhere });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^grapevine: loading .* on webgpu: .*Vulkan.*use the device cpu$/,
  );
  expect(stderr).not.toMatch(/^\s+at .*\.[jt]s\b/m);
});

test('a device that there is none of', async () => {
  const { code, stderr } = await extract('abacus');
  expect(code).toBe(2);
  expect(stderr).toMatch(/abacus|DEVICE/);
});
