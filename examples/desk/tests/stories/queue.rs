//! How many wait before a visitor.

use crate::support::*;

async fn place(visitor: &mut Visitor, conv: &str) -> u32 {
    let notice = visitor.socket.push(|frame| visitor_frame(frame).queue);
    let notice = notice.await;
    assert_eq!(notice.conv, conv);
    notice.position
}

#[tokio::test]
async fn who_waits_moves_up_when_somebody_before_is_served() {
    let desk = Desk::start().await;
    let mut first = desk.visitor().await;
    let a = first.open().await.conv;
    assert_eq!(place(&mut first, &a).await, 1);
    let mut second = desk.visitor().await;
    let b = second.open().await.conv;
    assert_eq!(place(&mut second, &b).await, 2);
    let mut agent = desk.agent("mei").await;
    agent.assign(&a).await;
    assert_eq!(place(&mut first, &a).await, 0);
    assert_eq!(place(&mut second, &b).await, 1);
    // It is told to who comes back, and after a restart of the desk, too.
    let mut again = desk.visitor_again(&second.token, vec![]).await;
    assert_eq!(place(&mut again, &b).await, 1);
}

#[tokio::test]
async fn a_question_that_comes_back_waits_again_behind_the_others() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let mut first = desk.visitor().await;
    let a = first.open().await.conv;
    agent.assign(&a).await;
    agent.resolve(&a).await;
    let mut second = desk.visitor().await;
    let b = second.open().await.conv;
    assert_eq!(place(&mut second, &b).await, 1);
    first.say(&a, "It broke again").await;
    let back = first.socket.push(|frame| {
        let notice = visitor_frame(frame).queue?;
        (notice.position > 1).then_some(notice)
    });
    assert_eq!(back.await.position, 2);
}

#[tokio::test]
async fn the_wait_is_told_once_enough_were_taken_and_somebody_is_there() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut visitor = desk.visitor().await;
        let conv = visitor.open().await.conv;
        let notice = visitor.socket.push(|frame| visitor_frame(frame).queue);
        assert_eq!(notice.await.wait_ms_max, None, "nobody can tell yet");
        waiting.push((visitor, conv));
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for (_, conv) in &waiting {
        agent.assign(conv).await;
    }
    let mut late = desk.visitor().await;
    let conv = late.open().await.conv;
    let told = late.socket.push(|frame| {
        let notice = visitor_frame(frame).queue?;
        let told = (notice.wait_ms_min?, notice.wait_ms_max?);
        (notice.conv == conv).then_some(told)
    });
    // Two seconds, in whole minutes around it.
    assert_eq!(told.await, (0, 60_000));
}

#[tokio::test]
async fn places_are_told_after_a_restart() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    assert_eq!(place(&mut visitor, &conv).await, 1);
    desk.stop().await;
    desk.start_again().await;
    let mut again = desk.visitor_again(&visitor.token, vec![]).await;
    assert_eq!(place(&mut again, &conv).await, 1);
}
