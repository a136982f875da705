import { tf } from '../../tensor/tf.js';
import { RESIDUAL_TARGETS } from './layerFeatures.js';
import { residualBatch, residualForward } from './residualForward.js';
import type { ResidualConfig } from './residualNetwork.js';
import type { PreparedRow } from './residualRow.js';

const T = RESIDUAL_TARGETS.length;
/** Width of the parabola of the loss: below it a log ratio counts squared, beyond it by its size. */
const DELTA = 0.05;
/** Weight of the cross entropy of the heads that say whether the rule is off. */
const OFF_WEIGHT = 0.2;

/** What a network is fitted to, [rows, RESIDUAL_TARGETS] each. */
export interface ResidualLabels {
  /** counts and cycles as the tool has them */
  label: Float32Array;
  /** of the distance between value and label; 0: not learned from */
  weight: Float32Array;
  /** 1: the tool's number is not the rule's */
  off: Float32Array;
  offWeight: Float32Array;
}

/** Labels and weights of rows: a row counts by 1 / sqrt(rows of its stratum). */
export function residualLabels(rows: readonly PreparedRow[]): ResidualLabels {
  const size = new Map<string, number>();
  for (const { strata } of rows) size.set(strata[0], (size.get(strata[0]) ?? 0) + 1);
  const out = {
    label: new Float32Array(rows.length * T),
    weight: new Float32Array(rows.length * T),
    off: new Float32Array(rows.length * T),
    offWeight: new Float32Array(rows.length * T),
  };
  rows.forEach(({ targets, features, strata }, i) => {
    const w = 1 / Math.sqrt(size.get(strata[0])!);
    for (let t = 0; t < T; t++) {
      const y = targets[t],
        cell = i * T + t;
      if (Number.isNaN(y)) continue;
      const off = y !== Math.round(features.totals[t]);
      out.label[cell] = y;
      out.weight[cell] = t < 2 || off ? w : 0;
      if (t < 2) continue;
      out.off[cell] = off ? 1 : 0;
      out.offWeight[cell] = w;
    }
  });
  return out;
}

/**
 * The loss of some rows, a scalar: mean pseudo-Huber of log((y + 1) / (label + 1)), for counted targets only where the rule is off, and `OFF_WEIGHT` times the
 * mean cross entropy of whether it is off. Call inside tf.tidy.
 */
export function residualLoss(
  p: Record<string, tf.Tensor>,
  rows: readonly PreparedRow[],
  part: readonly number[],
  labels: ResidualLabels,
  config: ResidualConfig,
): tf.Scalar {
  const pick = (data: Float32Array): tf.Tensor2D => {
    const out = new Float32Array(part.length * T);
    part.forEach((row, i) => {
      out.set(data.subarray(row * T, (row + 1) * T), i * T);
    });
    return tf.tensor2d(out, [part.length, T]);
  };
  const { value, off } = residualForward(
    p,
    residualBatch(
      part.map((i) => rows[i].features),
      config,
    ),
    config,
  );
  const ratio = tf.sub(tf.log(tf.add(value, 1)), tf.log(tf.add(pick(labels.label), 1)));
  const huber = tf.sub(tf.sqrt(tf.add(tf.square(ratio), DELTA * DELTA)), DELTA),
    weight = pick(labels.weight);
  const isOff = pick(labels.off),
    offWeight = pick(labels.offWeight);
  // P(on) = exp(-off)
  const certain = tf.sub(1, tf.exp(tf.neg(tf.add(off, 1e-6))));
  const entropy = tf.add(tf.mul(isOff, tf.neg(tf.log(certain))), tf.mul(tf.sub(1, isOff), off));
  const averaged = (loss: tf.Tensor, w: tf.Tensor) => tf.div(tf.sum(tf.mul(loss, w)), tf.add(tf.sum(w), 1e-9));
  return tf.add(averaged(huber, weight), tf.mul(OFF_WEIGHT, averaged(entropy, offWeight))) as tf.Scalar;
}
