using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Authorization;

internal static class SocketAnswers
{
    /// <summary>The matrix's word for an error.</summary>
    public static string Word(string code) => code == ErrorCodes.ConversationNotFound ? "hidden" : code;

    /// <summary>Invokes a hub method, and gives what answers it.</summary>
    public static async Task<ServerEvent> AskAsync(this HubClient hub, string method, string argument)
    {
        try
        {
            return await hub.InvokeAsync(method, JsonNode.Parse(argument));
        }
        catch (HubException e)
        {
            return Assert.IsType<Error>(Error.FromHubText(e.Message));
        }
    }
}
