using Chasqui.Tests.Support;

namespace Chasqui.Tests.Cluster;

internal static class ConversationSequencers
{
    /// <summary>Says this many things in a conversation, one after the other, on both servers in turn.</summary>
    public static async Task TalkAsync(int messages, string conversation, params Person[] speakers)
    {
        for (var i = 0; i < messages; i++)
        {
            await speakers[i % speakers.Length].SendAsync(conversation, $"{i}");
        }
    }

    /// <summary>Reads the live messages of a client, which have to be these and no others before them.</summary>
    public static async Task RequireAsync(this RawClient client, long first, long last)
    {
        for (var seq = first; seq <= last; seq++)
        {
            Assert.Equal(seq, (await client.ReceiveAsync("NewMessage"))["message"]!["seq"]!.GetValue<long>());
        }
    }

    /// <summary>Joins without a replay.</summary>
    /// <returns>Where the join stands, and what has come live already: it may come before the answer.</returns>
    public static async Task<(long Seq, List<long> Live)> JoinLiveAsync(this RawClient client, string conversation)
    {
        await client.SendAsync(new { type = "join", conversation_id = conversation, request_id = "join" });
        var live = new List<long>();
        while (true)
        {
            var received = await client.ReceiveAsync();
            if (received["type"]!.GetValue<string>() == "Ack")
            {
                return (received["seq"]!.GetValue<long>(), live);
            }

            live.Add(received["message"]!["seq"]!.GetValue<long>());
        }
    }
}
