using System.Globalization;
using Chasqui.Protocol;

namespace Chasqui.Tests.Protocol;

public sealed class ErrorTextTests
{
    public static TheoryData<string, string, int?> Errors => new()
    {
        { ErrorCodes.ConversationNotFound, "Conversation not found", null },
        { ErrorCodes.Overloaded, "Nothing was stored; try again", 500 },
        { ErrorCodes.Overloaded, "Now", 0 },
        { ErrorCodes.InvalidField, "The field 'x' must be: a string", null },
        { ErrorCodes.InvalidField, "It reads HubException: not_a_code: at all", null },
        { ErrorCodes.InvalidField, "It reads (retry_after_ms=7) in the middle", null },
        { ErrorCodes.Overloaded, "It reads (retry_after_ms=7)", 9 },
        { ErrorCodes.InternalError, "", null },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void AnErrorIsReadBackFromTheTextOfAHubException(string code, string sentence, int? retryAfterMs)
    {
        var error = new Error { Code = code, Message = sentence, RetryAfterMs = retryAfterMs };

        Assert.StartsWith($"{code}: {sentence}", error.ToHubText(), StringComparison.Ordinal);
        Assert.Equal(error, Error.FromHubText(error.ToHubText()));
        Assert.Equal(error, Error.FromHubText(
            $"An unexpected error occurred invoking 'SendMessage' on the server. HubException: {error.ToHubText()}"));
        Assert.Equal(error, Error.FromHubText(
            $"Failed to invoke 'Join' due to an error on the server. HubException: {error.ToHubText()}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(": no code")]
    [InlineData("no colon")]
    [InlineData("Upper: case")]
    [InlineData("An unexpected error occurred invoking 'Join' on the server.")]
    [InlineData("An unexpected error occurred invoking 'Join' on the server. InvalidOperationException: oh: no")]
    public void TextWithoutErrorIsNotReadAsError(string? text) => Assert.Null(Error.FromHubText(text));

    [Fact]
    public void TheNumberIsReadAlikeInEveryCulture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("fa-IR");
        try
        {
            var error = new Error { Code = ErrorCodes.Overloaded, Message = "Later", RetryAfterMs = 1500 };
            Assert.Equal("overloaded: Later (retry_after_ms=1500)", error.ToHubText());
            Assert.Equal(error, Error.FromHubText(error.ToHubText()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
