//! Contenders that are sampled in turns, so that they are measured under the same conditions.

use std::time::Duration;

use crate::options::Options;
use crate::sample::Contender;

/// Contenders to be compared with one another; they are made when their turn has come.
pub(crate) struct Race {
    pub(crate) title: String,
    contenders: Box<dyn Fn() -> Vec<Contender>>,
    /// How often each contender is sampled, and how long a sample takes, where that is not up to the options.
    pace: Option<(usize, Duration)>,
}

/// What was measured of one contender.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) case: String,
    pub(crate) n: usize,
    pub(crate) ns: f64,
    pub(crate) floor: String,
    pub(crate) ratio: f64,
    /// For a peer: the case of pyventus that does the same, and how many times its time this is.
    pub(crate) beside: Option<(String, f64)>,
}

impl Race {
    pub(crate) fn new(title: impl Into<String>, contenders: impl Fn() -> Vec<Contender> + 'static) -> Self {
        Self { title: title.into(), contenders: Box::new(contenders), pace: None }
    }

    /// Samples each contender so often, for so long.
    #[cfg(feature = "brokers")]
    pub(crate) fn with_pace(mut self, rounds: usize, sample: Duration) -> Self {
        self.pace = Some((rounds, sample));
        self
    }

    /// The contenders, of which none is prepared as yet.
    pub(crate) fn contenders(&self) -> Vec<Contender> {
        (self.contenders)()
    }

    /// Samples all contenders that were asked for, and the floors they need, round by round.
    ///
    /// # Panics
    ///
    /// A contender names a floor that is not part of the race.
    pub(crate) fn run(&self, options: &Options) -> Vec<Row> {
        let mut contenders = wanted(self.contenders(), options);
        let (rounds, sample) = self.pace.unwrap_or_else(|| (options.rounds(), options.sample()));
        let times: Vec<u64> = contenders.iter_mut().map(|contender| contender.calibrate(sample)).collect();
        let mut samples = vec![Vec::with_capacity(rounds); contenders.len()];
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..rounds {
            // Nobody always runs after the same neighbour, whose traces are in the caches.
            random.shuffle(&mut order);
            for &index in &order {
                samples[index].push(contenders[index].sample(times[index]));
            }
        }
        let medians: Vec<f64> = samples.iter_mut().map(|samples| median(samples)).collect();
        let ns_of = |(case, n): &(String, usize)| {
            let index = contenders.iter().position(|other| other.is(case, *n));
            medians[index.unwrap_or_else(|| panic!("{}: there is no floor {case} n={n}", self.title))]
        };
        let rows = contenders.iter().zip(&medians).map(|(contender, &ns)| Row {
            case: contender.case.clone(),
            n: contender.n,
            ns,
            floor: contender.floor.0.clone(),
            ratio: ns / ns_of(&contender.floor),
            beside: contender.ours.clone().map(|ours| {
                let times = ns / ns_of(&(ours.clone(), contender.n));
                (ours, times)
            }),
        });
        rows.collect()
    }
}

/// The contenders that were asked for, and those that they are compared with.
fn wanted(mut contenders: Vec<Contender>, options: &Options) -> Vec<Contender> {
    let mut needed: Vec<(String, usize)> = contenders
        .iter()
        .map(|contender| (contender.case.clone(), contender.n))
        .filter(|(case, n)| options.wants(case, *n))
        .collect();
    let mut next = 0;
    while let Some((case, n)) = needed.get(next).cloned() {
        for contender in contenders.iter().filter(|contender| contender.is(&case, n)) {
            let ours = contender.ours.clone().map(|ours| (ours, n));
            let others = ours.into_iter().chain([contender.floor.clone()]);
            let others: Vec<_> = others.filter(|other| !needed.contains(other)).collect();
            needed.extend(others);
        }
        next += 1;
    }
    contenders.retain(|contender| needed.iter().any(|(case, n)| contender.is(case, *n)));
    contenders
}

/// The median of measurements.
pub(crate) fn median(samples: &mut [f64]) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    samples[samples.len() / 2]
}
