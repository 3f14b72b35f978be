using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

public sealed class PrefixedIdTests
{
    [Theory]
    [InlineData(Uuid)]
    [InlineData("conv:" + Uuid)]
    [InlineData("conversation:" + Uuid)]
    [InlineData("conv:0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B")]
    public void AnIdIsReadWithItsPrefixOrBare(string text)
    {
        Assert.True(PrefixedId.TryParse<ConversationId>(text, out var id));
        Assert.Equal(new ConversationId(Guid.Parse(Uuid)), id);
        Assert.Equal("conv:" + Uuid, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("conv:")]
    [InlineData("user:" + Uuid)]
    [InlineData("Conv:" + Uuid)]
    [InlineData("conv:conv:" + Uuid)]
    [InlineData("conv:conversation:" + Uuid)]
    [InlineData("conv" + Uuid)]
    [InlineData(" " + Uuid)]
    [InlineData("conv: " + Uuid)]
    [InlineData("conv:" + Uuid + "\n")]
    [InlineData("conv:" + Uuid + "0")]
    [InlineData("conv:0190a1b2c3d47e5f8a9b0c1d2e3f4a5b")]
    [InlineData("conv:{0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}")]
    [InlineData("conv:0x90a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    [InlineData("conv:+190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    [InlineData("conv:g190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    [InlineData("conv:０190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    public void OtherTextIsNoId(string? text) =>
        Assert.False(PrefixedId.TryParse<ConversationId>(text, out _));

    [Theory]
    [InlineData("conv:" + Uuid)]
    [InlineData("msg:" + Uuid)]
    public void PrefixOfAnotherKindIsNoUserId(string text) =>
        Assert.False(PrefixedId.TryParse<UserId>(text, out _));

    [Fact]
    public void IdsAreWrittenWithTheirPrefixInLowerCase()
    {
        var uuid = Guid.Parse(Uuid);
        Assert.Equal(
            $"""["user:{Uuid}","conv:{Uuid}","msg:{Uuid}"]""",
            "[" + string.Join(
                ',',
                JsonSerializer.Serialize(new UserId(uuid), ChatJson.Options),
                JsonSerializer.Serialize(new ConversationId(uuid), ChatJson.Options),
                JsonSerializer.Serialize(new MessageId(uuid), ChatJson.Options)) + "]");
    }

    [Fact]
    public void AnIdReadsBackWhatItWrites()
    {
        var id = MessageId.New(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(id, JsonSerializer.Deserialize<MessageId>(JsonSerializer.Serialize(id, ChatJson.Options), ChatJson.Options));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"conv:\"")]
    [InlineData("{}")]
    public void JSONThatHoldsNoIdIsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ConversationId>(json, ChatJson.Options));

    [Fact]
    public void NewIdsSortByTime() => Assert.Equal(7, ConversationId.New().Value.Version);
}
