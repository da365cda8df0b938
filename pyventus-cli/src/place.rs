//! Which queues and groups a command is about.

use anyhow::bail;
use clap::Args;
use pyventus_queue::{AnyBroker, Broker as _, GroupName, QueueInfo, QueueName};

/// Which queues and groups a command is about: all of them, unless it is said.
#[derive(Args, Clone, Debug)]
pub struct PlaceArgs {
    /// Only this queue.
    #[arg(long, value_name = "NAME")]
    pub queue: Option<QueueName>,
    /// Only the group of this name.
    #[arg(long, value_name = "NAME")]
    pub group: Option<GroupName>,
}

impl PlaceArgs {
    /// The queues, each with those of its groups that are meant.
    ///
    /// A queue or a group that was named and is not there is an error, which says what there is.
    pub(crate) async fn find(&self, broker: &AnyBroker) -> anyhow::Result<Vec<QueueInfo>> {
        let mut queues = broker.queues().await?;
        if let Some(wanted) = &self.queue {
            let there = listed(queues.iter().map(|queue| queue.name.as_str()));
            queues.retain(|queue| queue.name == *wanted);
            if queues.is_empty() {
                bail!("there is no queue {wanted:?}; there {there}");
            }
        }
        if let Some(wanted) = &self.group {
            let there = listed(queues.iter().flat_map(|queue| queue.groups.iter().map(GroupName::as_str)));
            for queue in &mut queues {
                queue.groups.retain(|group| group == wanted);
            }
            queues.retain(|queue| !queue.groups.is_empty());
            if queues.is_empty() {
                bail!("there is no group {wanted:?}; there {there}");
            }
        }
        Ok(queues)
    }

    /// The groups that are meant, each with its queue.
    pub(crate) async fn groups(&self, broker: &AnyBroker) -> anyhow::Result<Vec<(QueueName, GroupName)>> {
        let pairs = |queue: QueueInfo| {
            let name = queue.name;
            queue.groups.into_iter().map(move |group| (name.clone(), group))
        };
        Ok(self.find(broker).await?.into_iter().flat_map(pairs).collect())
    }
}

/// What there is, as the end of a sentence.
fn listed<T: AsRef<str>>(names: impl Iterator<Item = T>) -> String {
    let mut names: Vec<_> = names.map(|name| format!("{:?}", name.as_ref())).collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => "is none".to_owned(),
        1 => format!("is {}", names[0]),
        _ => format!("are {}", names.join(", ")),
    }
}
