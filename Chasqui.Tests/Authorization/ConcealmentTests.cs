using System.Text.Json;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Authorization;

/// <summary>Every answer about a foreign conversation, group or direct, is that of an unknown one.</summary>
public sealed class ConcealmentTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Nowhere = "conv:0195f000-0000-7000-8000-000000000000";

    public static TheoryData<string, string, Caller> Endpoints => Outsiders(Matrix.Endpoints, row => row.First);

    public static TheoryData<string, string, Caller> Frames => Outsiders(Matrix.Frames, row => row.First);

    public static TheoryData<string, string, Caller> HubMethods => Outsiders(Matrix.HubMethods, row => row.Second);

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task EndpointAnswersOutsiderLikeUnknownConversation(string call, string body, Caller caller)
    {
        using var stage = await Stage.SetAsync(server, caller);
        await stage.HappenAsync();

        await AssertSameAsync(stage, async room =>
        {
            using var request = await EndpointMatrixTests.RequestAsync(stage, call, body, room);
            using var response = await EndpointMatrixTests.SendAsync(server, stage, request);
            var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date");
            return $"{response.StatusCode}\n"
                + string.Concat(headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}\n"))
                + await response.Content.ReadAsStringAsync();
        });
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task FrameAnswersOutsiderLikeUnknownConversation(string frame, string _, Caller caller)
    {
        using var stage = await Stage.SetAsync(server, caller);
        await using var socket = await FrameMatrixTests.OpenAsync(server, stage, caller);
        await stage.HappenAsync();

        await AssertSameAsync(stage, async room =>
            (await FrameMatrixTests.AskAsync(socket, await stage.FillAsync(frame, room))).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(HubMethods))]
    public async Task HubMethodAnswersOutsiderLikeUnknownConversation(string method, string argument, Caller caller)
    {
        using var stage = await Stage.SetAsync(server, caller);
        await using var hub = await HubMatrixTests.OpenAsync(server, stage, caller);
        await stage.HappenAsync();

        await AssertSameAsync(stage, async room =>
            JsonSerializer.Serialize<object>(await hub.AskAsync(method, await stage.FillAsync(argument, room)), ChatJson.Options));
    }

    private static async Task AssertSameAsync(Stage stage, Func<string, Task<string>> ask)
    {
        var missing = await AskAsync(Nowhere);
        Assert.Equal(missing, await AskAsync(stage.Room));
        Assert.Equal(missing, await AskAsync(await stage.DirectAsync()));

        // Where an answer repeats the id, that alone differs.
        async Task<string> AskAsync(string room) => (await ask(room)).Replace(room, "ROOM", StringComparison.Ordinal);
    }

    private static TheoryData<string, string, Caller> Outsiders(string table, Func<(string First, string Second), string> where)
    {
        var rows = new TheoryData<string, string, Caller>();
        foreach (var row in MatrixTable.Rows(table).Where(row => where(row).Contains("ROOM", StringComparison.Ordinal)))
        {
            rows.Add(row.First, row.Second, Caller.Stranger);
            rows.Add(row.First, row.Second, Caller.Removed);
        }

        return rows;
    }
}
