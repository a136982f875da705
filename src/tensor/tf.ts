import * as tf from '@tensorflow/tfjs';

/**
 * The one place that imports TensorFlow.js; everything else imports `tf` from here. Production mode silences its console notes (the
 * "install our node backend" banner, "kernel already registered"), which would otherwise mix into the program's own messages.
 */
tf.enableProdMode();

export { tf };
